/** What a page's code has left on what outlives it: listeners on the window, the document and its body, and intervals. */

/** Prepares a page before it is opened. */
export async function countTraces(page) {
  await page.addInitScript(count);
}

/** Names of what listens or ticks now, sorted. */
export function traces(page) {
  return page.evaluate(() => window.traces());
}

/** Runs in the page. */
function count() {
  const listening = [];
  const lasting = (target) => target === window || target === document || target === document.body;
  const forget = (target, type, listener) => {
    const at = listening.findIndex((one) => one.target === target && one.type === type && one.listener === listener);
    if (at >= 0) listening.splice(at, 1);
  };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    const target = this ?? window;
    if (lasting(target) && listener && !options?.once) {
      forget(target, type, listener);
      listening.push({ target, type, listener });
      options?.signal?.addEventListener('abort', () => forget(target, type, listener));
    }
    return add.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    forget(this ?? window, type, listener);
    return remove.call(this ?? window, type, listener, options);
  };
  const ticking = new Set();
  const { setInterval: begin, clearInterval: end } = window;
  window.setInterval = (...args) => {
    const id = begin(...args);
    ticking.add(id);
    return id;
  };
  window.clearInterval = (id) => {
    ticking.delete(id);
    end(id);
  };
  const name = (target) => (target === window ? 'window' : target === document ? 'document' : 'body');
  window.traces = () => [
    ...listening.map(({ target, type }) => `${type} on ${name(target)}`).sort(),
    `${ticking.size} intervals`,
  ];
}
