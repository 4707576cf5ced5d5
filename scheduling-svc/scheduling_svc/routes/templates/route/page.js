// What is on the screen: the page as the service rendered it, and over it the taps that it does not know of yet.

const LOOK = 60000;
const WAITS = [2000, 5000, 15000, 30000];
const find = (id) => document.getElementById(id);
let delivered = find("live").innerHTML; // as it came, to tell news from the same again
let answered = []; // taps that were taken but that the shown page does not know of
let newer = null;
let online = true;
let sending = false;
let failures = 0;
let timer = 0;
let pressed = false;

// --- taking a tap ----------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Not form.action: that is the form's own field of this name.
  const target = form.getAttribute("action") || "";
  const visit = target.split("/visits/")[1];
  if (!visit) {
    return;
  }
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  if (![...queue(), ...answered].some((tap) => tap.visit === visit && tap.action === fields.action)) {
    enqueue(visit, target, fields);
  }
  const cannot = form.closest(".cannot");
  if (cannot) {
    cannot.open = false;
  }
  show();
  find("undo")?.focus();
  soon(GRACE);
});

function undo(key) {
  drop(key);
  show();
  find("bar").querySelector("button")?.focus();
}

// --- sending ---------------------------------------------------------------------------------------------------------

function soon(delay) {
  clearTimeout(timer);
  timer = setTimeout(send, delay);
}

async function send() {
  if (sending) {
    return;
  }
  sending = true;
  try {
    // Two open pages of one day share the queue; one of them sends.
    if (navigator.locks) {
      await navigator.locks.request(STORE, { ifAvailable: true }, async (lock) => lock && (await drain()));
    } else {
      await drain();
    }
  } finally {
    sending = false;
    show();
  }
}

async function drain() {
  let sent = false;
  for (let tap = queue()[0]; tap; tap = queue()[0]) {
    const wait = graceLeft(tap);
    if (wait) {
      soon(wait + 50);
      break;
    }
    const answer = await post(tap);
    online = answer !== null;
    if (!online) {
      failures += 1;
      soon(WAITS[Math.min(failures, WAITS.length) - 1]);
      return;
    }
    failures = 0;
    sent = true;
    drop(tap.key);
    if (answer.ok) {
      answered.push(tap);
    } else {
      refuse(tap, await reasonOf(answer));
    }
    show();
  }
  if (sent) {
    await refresh();
  }
}

function refuse(tap, reason) {
  const stop = find("v-" + tap.visit);
  const whom = stop ? stop.dataset.number + " · " + stop.dataset.patient : "A visit";
  const note = made("p", "notice refusal");
  const close = made("button", "", "OK");
  close.type = "button";
  close.addEventListener("click", () => note.remove());
  note.append(made("span", "", `${whom}: “${wordsOf(tap)}” of ${clock(tap.at)} was not taken. ${reason}`), close);
  find("refusals").append(note);
}

// --- looking for news ------------------------------------------------------------------------------------------------

async function refresh() {
  const asked = queue().length;
  try {
    const options = { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(location.pathname, options);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if ([403, 410].includes(answer.status) && page.querySelector("main.alone")) {
      end(page);
      return;
    }
    // The service worker gives the kept page where it cannot reach the service.
    online = !answer.headers.get("Fascia-Kept") && answer.status < 500;
    if (online && answer.ok && page.body.dataset.revision) {
      await untilReleased();
      newer = Number(page.body.dataset.revision) > Number(document.body.dataset.revision) ? page : null;
      if (!newer && asked === queue().length) {
        swap(page);
      }
    }
  } catch (error) {
    online = false;
  }
  show();
}

// Nothing is exchanged under a thumb: the tap would be lost.
async function untilReleased() {
  for (let round = 0; pressed && round < 50; round += 1) {
    await new Promise((done) => setTimeout(done, 100));
  }
}

function swap(page) {
  const came = page.getElementById("live").innerHTML;
  find("as-of").textContent = page.getElementById("as-of").textContent;
  if (came !== delivered) {
    delivered = came;
    const open = new Set([...document.querySelectorAll(".stop > details[open]")].map((each) => each.parentElement.id));
    const was = document.querySelector(".stop.current")?.id;
    const back = place(document.activeElement);
    find("head").replaceWith(page.getElementById("head"));
    find("live").replaceWith(page.getElementById("live"));
    for (const details of document.querySelectorAll(".stop > details")) {
      const id = details.parentElement.id;
      details.open = details.open || (open.has(id) && id !== was);
    }
    back?.();
  }
  document.body.dataset.revision = page.body.dataset.revision;
  answered = [];
  newer = null;
  show();
}

// Where the focus is in the list, as a way back to it once the list is a new one.
function place(active) {
  const around = active?.closest("#live [id]");
  if (!around) {
    return null;
  }
  const within = () => [...(find(around.id)?.querySelectorAll("a, button, summary") || [])];
  const index = within().indexOf(active);
  return () => within()[index]?.focus({ preventScroll: true });
}

function end(page) {
  keep([]);
  answered = [];
  find("live").replaceChildren(...page.querySelector("main").childNodes);
  for (const id of ["bar", "head", "connection", "newer", "seen"]) {
    find(id).hidden = true;
  }
  clearInterval(looking);
}

// --- showing ---------------------------------------------------------------------------------------------------------

function show() {
  const waiting = queue();
  const taps = [...answered, ...waiting];
  const ahead = [];
  for (const stop of document.querySelectorAll(".stop")) {
    const mine = taps.filter((tap) => tap.visit === stop.dataset.visit);
    const left = showStop(stop, mine, waiting);
    if (left.length) {
      const givenUp = "givenUp" in stop.dataset || mine.some((tap) => tap.action === "cannot_make_it");
      ahead.push({ stop, step: left[0], givenUp });
    }
  }
  showBar(ahead.find((one) => !one.givenUp) || ahead[0], waiting);
  find("connection").hidden = online && navigator.onLine;
  find("connection").textContent =
    "No connection. You see the plan as of " + find("as-of").textContent + "." +
    (waiting.length ? ` ${waiting.length === 1 ? "1 tap waits" : waiting.length + " taps wait"} on this phone and will be sent.` : "");
  find("newer").hidden = !newer;
}

function showStop(stop, mine, waiting) {
  const steps = stop.dataset.steps.split(";").filter(Boolean).map((text) => text.split("="));
  const last = mine[mine.length - 1];
  const over = mine.some((tap) => tap.action === "nobody_there");
  const reached = Math.max(-1, ...mine.map((tap) => steps.findIndex((step) => step[0] === tap.action)));
  const left = over ? [] : steps.slice(reached + 1);
  const form = stop.querySelector("form.step");
  if (form) {
    form.hidden = !left.length;
    if (left.length) {
      form.elements.namedItem("action").value = left[0][0];
      form.querySelector("button").textContent = left[0][1];
    }
  }
  const state = stop.querySelector("[data-state]");
  state.dataset.said = state.dataset.said || state.textContent;
  const unsent = Boolean(last) && waiting.includes(last);
  state.textContent = last ? `${wordsOf(last)}, ${clock(last.at)}${unsent ? " (not sent yet)" : ""}` : state.dataset.said;
  state.classList.toggle("waiting", unsent);
  return left;
}

function showBar(next, waiting) {
  const bar = find("bar");
  const last = waiting[waiting.length - 1];
  const had = bar.contains(document.activeElement);
  if (last && graceLeft(last)) {
    showUndo(bar, last);
  } else if (next) {
    showStep(bar, next);
  } else {
    bar.replaceChildren(made("p", "all-done", document.querySelector(".stop") ? "All visits are over." : ""));
  }
  if (had && !bar.contains(document.activeElement)) {
    (bar.querySelector("button") || bar).focus();
  }
}

function showUndo(bar, tap) {
  if (find("undo")?.dataset.key === tap.key) {
    return;
  }
  const stop = find("v-" + tap.visit);
  const text = made("p", "", `${wordsOf(tap)}: ${stop ? stop.dataset.patient : ""}`);
  const button = made("button", "", "Undo");
  text.setAttribute("role", "status");
  button.type = "button";
  button.id = "undo";
  button.dataset.key = tap.key;
  button.addEventListener("click", () => undo(tap.key));
  const box = made("div", "undo");
  box.append(text, button);
  bar.replaceChildren(box);
  setTimeout(show, graceLeft(tap) + 20);
}

function showStep(bar, next) {
  let form = bar.querySelector("form");
  if (!form) {
    form = made("form");
    form.method = "post";
    const button = made("button", "act");
    button.append(made("span", "what"), " ", made("span", "whom"));
    form.append(field("action"), field("revision"), button);
    bar.replaceChildren(form);
  }
  form.setAttribute("action", next.stop.dataset.target);
  form.elements.namedItem("action").value = next.step[0];
  form.elements.namedItem("revision").value = document.body.dataset.revision;
  form.querySelector(".what").textContent = next.step[1];
  form.querySelector(".whom").textContent = next.stop.dataset.number + " · " + next.stop.dataset.patient;
}

function made(tag, name = "", text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function field(name) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  return input;
}

// --- beginning -------------------------------------------------------------------------------------------------------

find("show-newer").addEventListener("click", () => {
  if (newer) {
    swap(newer);
    find("bar").focus();
  }
});
document.addEventListener("pointerdown", () => (pressed = true));
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => setTimeout(() => (pressed = false), 0));
}
window.addEventListener("online", () => send().then(refresh));
window.addEventListener("offline", show);
window.addEventListener("storage", show);
document.addEventListener("visibilitychange", () => document.hidden || send().then(refresh));
const looking = setInterval(() => document.hidden || send().then(refresh), LOOK);
if ("serviceWorker" in navigator && window.isSecureContext) {
  // Once it has taken over, this page goes through it too, and is kept.
  navigator.serviceWorker.addEventListener("controllerchange", refresh);
  navigator.serviceWorker.register("/r/worker.js", { scope: "/r/" }).catch(() => {});
}
show();
send().then(refresh);
