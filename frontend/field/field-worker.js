// Keeps the page of one version on the phone, so that it opens without a network. Data is none of its business: the page
// keeps that itself. `FIELD` (version, shell, files, scanner) is put before this script by the server.
const { version, shell, files, scanner } = FIELD;
const NAME = `field-${version}`;

async function take(cache, address) {
  // A file with a hash in its name that an older version has is the same file.
  const known = address === shell ? null : await caches.match(address, { ignoreVary: true });
  if (known) return cache.put(address, known);
  const response = await fetch(address, { cache: address === shell ? "reload" : "default", credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(`${address} ${response.status}`);
  return cache.put(address, response);
}

async function hasOwnReader() {
  try { return (await BarcodeDetector.getSupportedFormats()).length > 0; } catch { return false; }
}

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(NAME);
  const wanted = [shell, ...files, ...((await hasOwnReader()) ? [] : scanner)];
  await Promise.all(wanted.map((address) => take(cache, address)));
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("field-") && name !== NAME) await caches.delete(name);
  await self.clients.claim();
})()));

// The page says when: with an empty queue, or when a person asks.
self.addEventListener("message", (event) => { if (event.data === "take-over") self.skipWaiting(); });

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  const isPage = request.mode === "navigate" && pathname === new URL(shell, location.origin).pathname;
  if (!isPage && !files.includes(pathname) && !scanner.includes(pathname)) return;
  event.respondWith((async () => (await (await caches.open(NAME)).match(isPage ? shell : pathname, { ignoreVary: true })) ?? fetch(request))());
});
