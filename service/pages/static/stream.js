// One tab of a browser hears when something changes, and tells the others: one connection for all.
// A stream while it holds; after three failures long polls, and the stream again a minute later.
const SILENT = 40000; // a stream that holds says something every 15 s
const MAX_FAILURES = 3;
const TRIED_AGAIN = 60000;
const SHORTEST_REST = 250;
const LONGEST_REST = 2000;

const rest = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds * (0.75 + Math.random() / 2)));

// Calls `heard` in every tab that listens under this name; also when it may have missed something.
export function listen(path, name, heard) {
  const channel = new BroadcastChannel(`nextlead:${name}`);
  const tell = () => channel.postMessage("changed");
  channel.onmessage = heard;
  const all = () => {
    tell();
    heard();
  };
  let leads = false;
  const lead = async () => {
    leads = true;
    for (;;) {
      await follow(`${path}/stream`, all);
      await poll(`${path}/changes`, all);
    }
  };
  if (navigator.locks) navigator.locks.request(`nextlead:${name}`, lead);
  else lead();
  return { tell, isLeading: () => leads };
}

// Until the stream cannot be had; a broken one is opened anew by the browser.
function follow(address, heard) {
  return new Promise((end) => {
    let failures = 0;
    let silence = 0;
    let source = null;
    const listenAgain = () => {
      clearTimeout(silence);
      silence = setTimeout(failed, SILENT);
    };
    const open = () => {
      source?.close();
      source = new EventSource(address);
      for (const word of ["changed", "still"]) {
        source.addEventListener(word, () => {
          failures = 0;
          listenAgain();
          heard();
        });
      }
      source.onerror = failed;
      listenAgain();
    };
    const failed = (broken) => {
      heard();
      failures += 1;
      if (failures < MAX_FAILURES && broken && source.readyState !== EventSource.CLOSED) return;
      if (failures < MAX_FAILURES) return rest(500 * 2 ** failures).then(open);
      clearTimeout(silence);
      source.close();
      end();
    };
    open();
  });
}

async function poll(address, heard) {
  const until = Date.now() + TRIED_AGAIN;
  let after = "";
  let failures = 0;
  while (Date.now() < until) {
    try {
      const asked = `${address}?wait=${after ? 20 : 0}&after=${after}`;
      const headers = { "X-Fragment": "1" };
      const answer = await fetch(asked, { headers, cache: "no-store", signal: AbortSignal.timeout(35000) });
      if (!answer.ok) throw new Error("nothing is told");
      after = await answer.text();
      heard();
      if (failures) return;
    } catch {
      failures += 1;
      heard();
      await rest(Math.min(15000, 250 * 2 ** failures));
    }
  }
}

// What is asked for at once when it rests, and takes a quarter of the time at most when it does not.
export function paced(work) {
  let isBusy = false;
  let isWanted = false;
  let restUntil = 0;
  let timer = 0;
  const ask = async () => {
    isWanted = true;
    clearTimeout(timer);
    if (isBusy) return;
    const wait = restUntil - Date.now();
    if (wait > 0) {
      timer = setTimeout(ask, wait); // slow while the tab is hidden, but then the next call comes through
      return;
    }
    const begun = Date.now();
    isBusy = true;
    isWanted = false;
    await work().finally(() => (isBusy = false));
    restUntil = Date.now() + Math.min(LONGEST_REST, Math.max(SHORTEST_REST, 3 * (Date.now() - begun)));
    if (isWanted) ask();
  };
  return ask;
}
