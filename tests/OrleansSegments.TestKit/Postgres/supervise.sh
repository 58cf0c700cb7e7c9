# Runs one server for a test host: arguments are the folder, the log and the command of the server. Obeys the words on its input and
# answers each with a line. The end of the input means that the host is gone: the server ends too and the folder is removed.
folder=$1
log=$2
shift 2

# The host's terminal must not end this shell before it has ended the server.
trap '' INT HUP TERM

"$@" </dev/null >>"$log" 2>&1 &
postmaster=$!
echo "$postmaster"

state_of() {
  { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null && [ "$state" != Z ] && [ "$state" != X ]
}

children() {
  for stat in /proc/[0-9]*/stat; do
    { read -r pid _ _ parent _ <"$stat"; } 2>/dev/null || continue
    [ "$parent" = "$postmaster" ] && echo "$pid"
  done
}

ended() {
  for pid in "$@"; do
    state_of "$pid" && return 1
  done
  return 0
}

# Waits until all of the processes are gone, for as many tenths of a second as the first argument says.
await_end() {
  left=$1
  shift
  until ended "$@"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 0.1
  done
}

signal() {
  [ -z "$2" ] || kill "-$1" $2 2>/dev/null || true
}

# A stopped postmaster starts no further children, so the list is whole.
freeze() {
  signal STOP "$postmaster"
  family=$(children)
  signal STOP "$family"
}

thaw() {
  signal CONT "$(children)"
  signal CONT "$postmaster"
}

kill_all() {
  freeze
  signal KILL "$postmaster"
  signal KILL "$family"
  await_end 600 "$postmaster" $family
}

stop_all() {
  thaw
  signal INT "$postmaster"
  await_end 600 "$postmaster" || kill_all
}

while read -r word; do
  case $word in
    pause) freeze ;;
    continue) thaw ;;
    kill) kill_all ;;
    stop) stop_all ;;
    leave) echo leave; exit 0 ;;
  esac && echo "$word" || echo "failed $word"
done

stop_all
rm -rf "$folder"
