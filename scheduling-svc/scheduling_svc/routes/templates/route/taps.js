"use strict";
// Taps are kept on the phone until the service has answered each one. A tap has its own key, so one that is sent again,
// because the answer was lost on the way, has no second effect. Both clocks that the service hears are the phone's.

const GRACE = 5000; // in which a tap can be taken back: there is no way back afterwards
const PATIENCE = 15000;
const WORDS = { on_my_way: "On my way", arrived: "Arrived", done: "Done", nobody_there: "Nobody was there" };
const STORE = "fascia-taps:" + location.pathname;
let memory = []; // what the queue falls back on where the phone lets a page keep nothing

function queue() {
  try {
    return JSON.parse(localStorage.getItem(STORE) || "[]");
  } catch (error) {
    return memory;
  }
}

function keep(taps) {
  memory = taps;
  try {
    if (taps.length) {
      localStorage.setItem(STORE, JSON.stringify(taps));
    } else {
      localStorage.removeItem(STORE);
    }
  } catch (error) {
    // A full or forbidden store: the taps live as long as the page does.
  }
}

function enqueue(visit, target, fields) {
  const at = new Date();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const body = new URLSearchParams({ ...fields, tapped_at: at.toISOString() }).toString();
  keep([...queue(), { key, visit, target, body, action: fields.action, at: at.getTime() }]);
}

function drop(key) {
  keep(queue().filter((tap) => tap.key !== key));
}

// How long a tap may still be taken back. A clock that was set back must not hold it for ever.
function graceLeft(tap) {
  const left = tap.at + GRACE - Date.now();
  return left > 0 && left <= GRACE ? left : 0;
}

// The answer, or null where it has to be sent again: nobody answered, the service could not, or somebody else wrote at
// the same moment (412). What is not JSON did not come from the service, but from a guest network or a proxy before it.
async function post(tap) {
  try {
    const answer = await fetch(tap.target, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": tap.key,
        "Fascia-Sent-At": new Date().toISOString(),
      },
      body: tap.body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const ours = (answer.headers.get("Content-Type") || "").includes("json");
    return !ours || answer.status >= 500 || [408, 412, 429].includes(answer.status) ? null : answer;
  } catch (error) {
    return null;
  }
}

async function reasonOf(answer) {
  try {
    const problem = await answer.json();
    return [problem.detail, ...problem.errors.map((error) => error.fix)].join(" ");
  } catch (error) {
    return "The service did not take it.";
  }
}

function clock(at) {
  return new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
}

function wordsOf(tap) {
  return WORDS[tap.action] || "Can’t make it";
}
