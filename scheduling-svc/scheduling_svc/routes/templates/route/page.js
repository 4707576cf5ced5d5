"use strict";
// Taps are kept on the phone until the service has answered each one. A tap has its own key, so one that is sent again,
// because the answer was lost on the way, has no second effect. Both clocks that the service hears are the phone's.
(() => {
  const GRACE = 5000; // in which a tap can be taken back: there is no way back afterwards
  const PATIENCE = 15000;
  const LOOK = 60000;
  const WAITS = [2000, 5000, 15000, 30000];
  const STORE = "fascia-taps:" + location.pathname;
  const WORDS = { on_my_way: "On my way", arrived: "Arrived", done: "Done", nobody_there: "Nobody was there" };
  const find = (id) => document.getElementById(id);
  let memory = []; // what the queue falls back on where the phone lets a page keep nothing
  let answered = []; // taps that were taken but that the shown page does not know of yet
  let newer = null;
  let sending = false;
  let failures = 0;
  let timer = 0;
  let online = true;

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

  function key() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function clock(at) {
    return new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  }

  // --- taking a tap ---------------------------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Not form.action: that is the form's own field of this name.
    const visit = (form.getAttribute("action") || "").split("/visits/")[1];
    if (!visit) {
      return;
    }
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(form));
    const known = [...queue(), ...answered].some((tap) => tap.visit === visit && tap.action === fields.action);
    if (!known) {
      const at = new Date();
      const body = new URLSearchParams({ ...fields, tapped_at: at.toISOString() }).toString();
      const tap = { key: key(), visit, action: fields.action, at: at.getTime(), target: form.getAttribute("action"), body };
      keep([...queue(), tap]);
    }
    const cannot = form.closest(".cannot");
    if (cannot) {
      cannot.open = false;
    }
    show();
    find("undo")?.focus();
    soon(GRACE);
  });

  function undo(tapKey) {
    keep(queue().filter((tap) => tap.key !== tapKey));
    show();
    find("bar").querySelector("button")?.focus();
  }

  // --- sending --------------------------------------------------------------------------------------------------

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
      const early = tap.at + GRACE - Date.now();
      if (early > 0 && early <= GRACE) {
        soon(early + 50);
        break;
      }
      const answer = await post(tap);
      if (answer === null) {
        failures += 1;
        online = false;
        soon(WAITS[Math.min(failures, WAITS.length) - 1]);
        return;
      }
      failures = 0;
      online = true;
      sent = true;
      keep(queue().filter((other) => other.key !== tap.key));
      if (answer.ok) {
        answered.push(tap);
      } else {
        await refuse(tap, answer);
      }
      show();
    }
    if (sent) {
      await refresh();
    }
  }

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
      return answer.status >= 500 || answer.status === 429 ? null : answer;
    } catch (error) {
      return null;
    }
  }

  async function refuse(tap, answer) {
    let detail = "The service did not take it.";
    try {
      const problem = await answer.json();
      detail = [problem.detail, ...problem.errors.map((error) => error.fix)].join(" ");
    } catch (error) {
      // Not a problem document; the general words stay.
    }
    const stop = find("v-" + tap.visit);
    const whom = stop ? stop.dataset.number + " · " + stop.dataset.patient : "A visit";
    const note = document.createElement("p");
    note.className = "notice refusal";
    const text = document.createElement("span");
    text.textContent = `${whom}: “${WORDS[tap.action] || "Can’t make it"}” of ${clock(tap.at)} was not taken. ${detail}`;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "OK";
    close.addEventListener("click", () => note.remove());
    note.append(text, close);
    find("refusals").append(note);
  }

  // --- looking for news -----------------------------------------------------------------------------------------

  async function refresh() {
    const asked = queue().length;
    try {
      const options = { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
      const answer = await fetch(location.pathname, options);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.status === 410 || answer.status === 403) {
        end(page);
        return;
      }
      // The service worker gives the kept page where it cannot reach the service.
      online = !answer.headers.get("Fascia-Kept") && answer.status < 500;
      if (!online || !answer.ok) {
        show();
        return;
      }
      newer = Number(page.body.dataset.revision) > Number(document.body.dataset.revision) ? page : null;
      if (!newer && asked === queue().length) {
        swap(page);
      }
    } catch (error) {
      online = false;
    }
    show();
  }

  function end(page) {
    keep([]);
    answered = [];
    find("live").replaceChildren(...page.querySelector("main").childNodes);
    find("bar").hidden = true;
    find("head").hidden = true;
    clearInterval(looking);
  }

  function swap(page) {
    const focused = document.activeElement && document.activeElement.closest("#bar") ? "bar" : "";
    const open = new Set([...document.querySelectorAll(".stop > details[open]")].map((each) => each.parentElement.id));
    const step = document.querySelector(".stop.current")?.id;
    for (const id of ["head", "live"]) {
      find(id).replaceWith(page.getElementById(id));
    }
    for (const details of document.querySelectorAll(".stop > details")) {
      const id = details.parentElement.id;
      details.open = open.has(id) && id !== step ? true : details.open;
    }
    document.body.dataset.revision = page.body.dataset.revision;
    answered = [];
    newer = null;
    show();
    if (focused) {
      find("bar").querySelector("button")?.focus();
    }
  }

  // --- showing --------------------------------------------------------------------------------------------------

  function show() {
    const waiting = queue();
    const taps = [...answered, ...waiting];
    let next = null;
    for (const stop of document.querySelectorAll(".stop")) {
      const mine = taps.filter((tap) => tap.visit === stop.dataset.visit);
      const left = showStop(stop, mine, waiting);
      next = next || (left.length ? { stop, step: left[0] } : null);
    }
    showBar(next, waiting);
    const missing = find("connection");
    missing.hidden = (online && navigator.onLine) || !find("as-of");
    if (missing.hidden) {
      find("newer").hidden = !newer;
      return;
    }
    const count = waiting.length === 1 ? "1 tap waits" : waiting.length + " taps wait";
    missing.textContent =
      "No connection. You see the plan as of " + find("as-of").textContent + "." +
      (waiting.length ? ` ${count} on this phone and will be sent.` : "");
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
        form.elements.action.value = left[0][0];
        form.querySelector("button").textContent = left[0][1];
      }
    }
    const state = stop.querySelector("[data-state]");
    state.dataset.said = state.dataset.said || state.textContent;
    const unsent = last && waiting.includes(last);
    const words = last && (WORDS[last.action] || "You can’t make it");
    state.textContent = last ? `${words}, ${clock(last.at)}${unsent ? " (not sent yet)" : ""}` : state.dataset.said;
    state.classList.toggle("waiting", Boolean(unsent));
    return left;
  }

  function showBar(next, waiting) {
    const bar = find("bar");
    const last = waiting[waiting.length - 1];
    const had = bar.contains(document.activeElement);
    if (last && Date.now() - last.at < GRACE) {
      const stop = find("v-" + last.visit);
      const words = `${WORDS[last.action] || "Can’t make it"}: ${stop ? stop.dataset.patient : ""}`;
      if (find("undo")?.dataset.key !== last.key) {
        const box = document.createElement("div");
        box.className = "undo";
        const text = document.createElement("p");
        text.textContent = words;
        text.setAttribute("role", "status");
        const button = document.createElement("button");
        button.type = "button";
        button.id = "undo";
        button.dataset.key = last.key;
        button.textContent = "Undo";
        button.addEventListener("click", () => undo(last.key));
        box.append(text, button);
        bar.replaceChildren(box);
        setTimeout(show, last.at + GRACE - Date.now() + 20);
      }
    } else if (next) {
      bar.replaceChildren(barForm(next));
    } else {
      const done = document.createElement("p");
      done.className = "all-done";
      done.textContent = document.querySelector(".stop") ? "All visits are over." : "";
      bar.replaceChildren(done);
    }
    if (had && !bar.contains(document.activeElement)) {
      (bar.querySelector("button") || bar).focus();
    }
  }

  function barForm(next) {
    const shown = find("bar").querySelector("form");
    const form = shown || document.createElement("form");
    if (!shown) {
      form.method = "post";
      form.innerHTML =
        '<input type="hidden" name="action"><input type="hidden" name="revision">' +
        '<button class="act"><span class="what"></span> <span class="whom"></span></button>';
    }
    form.setAttribute("action", next.stop.dataset.target);
    form.elements.namedItem("action").value = next.step[0];
    form.elements.namedItem("revision").value = document.body.dataset.revision;
    form.querySelector(".what").textContent = next.step[1];
    form.querySelector(".whom").textContent = next.stop.dataset.number + " · " + next.stop.dataset.patient;
    return form;
  }

  // --- beginning ------------------------------------------------------------------------------------------------

  find("show-newer").addEventListener("click", () => newer && (swap(newer), find("bar").focus()));
  window.addEventListener("online", () => ((failures = 0), send().then(refresh)));
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
})();
