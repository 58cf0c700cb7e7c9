# Runs one server for a test host: arguments are the folder, the log, the command that makes a data folder (words, in $PGDATA), the signal
# that stops the server cleanly and the command of the server. Obeys the words on its input and answers each with a line. The end of the input means that the host is gone: the
# server ends too and the folder is removed.
folder=$1
log=$2
initialise=$3
stop_signal=$4
shift 4

# The host's terminal must not end this shell before it has ended the server.
trap '' INT HUP TERM

export PGDATA="$folder/data"
[ -e "$PGDATA/PG_VERSION" ] || $initialise </dev/null >>"$log" 2>&1 || { echo failed; exit 1; }
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

send() {
  [ -z "$2" ] || kill "-$1" $2 2>/dev/null || true
}

# Waits until all of the processes are gone. A server that is just starting does not hear a signal yet, so it is given again and again.
await_end() {
  signal=$1
  shift
  tenths=600
  until ended "$@"; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    send "$signal" "$*"
    sleep 0.1
  done
}

# A stopped postmaster starts no further children, so the list is whole.
freeze() {
  send STOP "$postmaster"
  family=$(children)
  send STOP "$family"
}

thaw() {
  send CONT "$(children)"
  send CONT "$postmaster"
}

kill_all() {
  freeze
  send KILL "$postmaster $family"
  await_end KILL "$postmaster" $family
}

stop_all() {
  thaw
  await_end "$stop_signal" "$postmaster" || kill_all
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
