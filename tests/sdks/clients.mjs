// One adapter per SDK: the same calls for all of them. `close` completes when the SDK has sent what it will ever send.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Clients of the Segment protocol that run in Node, by name. `report` is told of every event that the SDK gives up; a call that the SDK does not have returns false. */
export const clients = {
  "segment-node-3": (url, key, report) => segmentNode(require("@segment/analytics-node"), url, key, report),
  "segment-node-2": (url, key, report) => segmentNode(require("segment-analytics-node-2"), url, key, report),
  "customerio-node": (url, key, report) => segmentNode(require("@customerio/cdp-analytics-node"), url, key, report),
  "analytics-node-6": analyticsNode,
  "rudderstack-node": rudderstack,
  "jitsu-js": jitsu,
};

function segmentNode({ Analytics }, url, key, report) {
  const client = new Analytics({ writeKey: key, host: url, flushAt: 5, flushInterval: 200, maxRetries: 10 });
  client.on("error", error => report(error));
  return {
    call: (type, message) => client[type](message),
    close: () => client.closeAndFlush({ timeout: 60_000 }),
  };
}

function analyticsNode(url, key, report) {
  const Analytics = require("analytics-node");
  const client = new Analytics(key, { host: url, flushAt: 5, flushInterval: 200, errorHandler: report });
  const answers = [];
  return {
    call: (type, message) => answers.push(new Promise(answered => client[type](message, answered))),
    // A flush waits for its own batch only, and not for an earlier one that is sent again.
    close: () => { client.flush(); return Promise.all(answers); },
  };
}

function rudderstack(url, key, report) {
  const Analytics = require("@rudderstack/rudder-sdk-node");
  const client = new Analytics(key, { dataPlaneUrl: url, flushAt: 5, flushInterval: 200, gzip: true, logLevel: "error", errorHandler: () => {} });
  const answers = [];
  return {
    call: (type, message) => answers.push(new Promise(answered => client[type](message, error => answered(error && report(error))))),
    // A flush sends one batch; the others follow by its timer.
    close: () => Promise.all(answers),
  };
}

function jitsu(url, key, report) {
  const { jitsuAnalytics } = require("@jitsu/js");
  // It insists on a key of the form id:secret.
  const client = jitsuAnalytics({ host: url, writeKey: `${key}:secret` });
  const pending = [];
  const send = {
    identify: m => client.identify(m.userId, m.traits),
    track: m => client.track(m.event, m.properties),
    page: m => client.page(m.name, m.properties),
    group: m => client.group(m.groupId, m.traits),
  };
  return {
    // It has neither screen nor alias calls, and takes the user of an event from the last identify.
    call: (type, message) => type in send && pending.push(send[type](message).catch(report)),
    close: () => Promise.all(pending),
  };
}
