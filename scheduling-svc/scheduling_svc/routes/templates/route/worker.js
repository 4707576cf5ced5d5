// Keeps the last page of each day for a bad connection. It holds personal data, so it goes when its link ends.
"use strict";
const KEPT = "fascia-route-1";
const PATIENCE = 8000; // on a dying connection the kept page is better than a blank one

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const page = url.origin === self.location.origin && /^\/r\/[A-Za-z0-9_-]+$/.test(url.pathname);
  if (page && event.request.method === "GET") {
    event.respondWith(answer(event.request, url.pathname));
  }
});

async function answer(request, path) {
  await tidy();
  const kept = await caches.open(KEPT);
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), PATIENCE);
  try {
    const fresh = await fetch(request, { signal: given.signal });
    // A guest network or a proxy may answer in the service's place; it does not know these headers.
    if (fresh.ok && fresh.headers.has("Fascia-Link-Expires")) {
      await kept.put(path, fresh.clone());
    } else if (fresh.status < 500 && fresh.headers.has("X-Request-Id")) {
      await kept.delete(path);
    } else {
      return (await last(kept, path)) || fresh;
    }
    return fresh;
  } catch (error) {
    return (await last(kept, path)) || offline();
  } finally {
    clearTimeout(timer);
  }
}

// The page asks by this header whether what it got is news.
async function last(kept, path) {
  const page = await kept.match(path);
  if (!page) {
    return null;
  }
  const headers = new Headers(page.headers);
  headers.set("Fascia-Kept", "1");
  return new Response(await page.blob(), { status: page.status, headers });
}

async function tidy() {
  for (const name of await caches.keys()) {
    if (name.startsWith("fascia-route-") && name !== KEPT) {
      await caches.delete(name);
    }
  }
  const kept = await caches.open(KEPT);
  for (const request of await kept.keys()) {
    const page = await kept.match(request);
    const ends = page && Date.parse(page.headers.get("Fascia-Link-Expires") || "");
    if (!(ends > Date.now())) {
      await kept.delete(request);
    }
  }
}

function offline() {
  const text =
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    "<title>No connection</title><h1>No connection</h1><p>This page was not opened before, so the phone does not have it.</p>";
  return new Response(text, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
