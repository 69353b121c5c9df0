/** What can be checked of a page's accessibility without eyes: names, headings, order, contrast of nothing. */

/** Sentences about what is wrong with the page as it stands; none when nothing was found. */
export function faults(page) {
  return page.evaluate(() => {
    const found = [];
    const visible = (element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.closest('[inert]');
    const all = (selector) => Array.from(document.querySelectorAll(selector)).filter(visible);
    const name = (element) => {
      const labelled = (element.getAttribute('aria-labelledby') ?? '')
        .split(/\s+/)
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' ');
      const labels = Array.from(element.labels ?? [], (label) => label.textContent).join(' ');
      const images = Array.from(
        element.querySelectorAll('[aria-label], img[alt]'),
        (image) => image.ariaLabel ?? image.alt,
      );
      const words = [element.ariaLabel, labelled, labels, element.textContent, element.title, ...images];
      return words.find((word) => word?.trim()) ?? '';
    };
    const show = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 120);

    const headings = all('h1');
    if (headings.length !== 1) found.push(`${headings.length} h1 instead of one`);
    if (!document.title.trim()) found.push('the window has no title');
    if (!document.documentElement.lang) found.push('the language is not said');
    for (const landmark of ['header', 'main', 'nav']) {
      if (all(landmark).length === 0 && landmark !== 'nav') found.push(`no ${landmark}`);
    }
    for (const field of all('input:not([type=hidden]), select, textarea')) {
      if (!name({ ...wrap(field) })) found.push(`a field without a label: ${show(field)}`);
    }
    for (const control of all('button, a[href], [role=button], [role=menuitem]')) {
      if (!name(control)) found.push(`a control without a name: ${show(control)}`);
    }
    for (const image of all('img')) if (!image.hasAttribute('alt')) found.push(`an image without alt: ${show(image)}`);
    for (const element of all('[tabindex]')) {
      if (element.tabIndex > 0) found.push(`the order is bent by tabindex: ${show(element)}`);
    }
    for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-controls]')) {
      for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls']) {
        for (const id of (element.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean)) {
          // A disclosure that is closed may name what is not there yet.
          const closed = attribute === 'aria-controls' && element.getAttribute('aria-expanded') === 'false';
          if (!document.getElementById(id) && !closed) found.push(`${attribute} names nothing: ${show(element)}`);
        }
      }
    }
    const ids = Array.from(document.querySelectorAll('[id]'), (element) => element.id);
    for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at)))
      found.push(`the id ${id} is there twice`);
    const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.tagName[1]));
    levels.forEach((level, at) => {
      if (at > 0 && level > levels[at - 1] + 1)
        found.push(`a heading of level ${level} follows one of ${levels[at - 1]}`);
    });
    return found;

    /** A field's own text is what was typed, not its name. */
    function wrap(field) {
      return {
        ariaLabel: field.ariaLabel,
        labels: field.labels,
        title: field.title,
        textContent: '',
        getAttribute: (attribute) => field.getAttribute(attribute),
        querySelectorAll: () => [],
      };
    }
  });
}

/**
 * Walks the page by the Tab key. Sentences about controls that are skipped or walked against the order of the page,
 * and about those that do not show that they have the focus.
 */
export async function walkFaults(page, most = 60) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
    window.scrollTo(0, 0);
  });
  const found = [];
  const walked = [];
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      window.sluiceWalk = [...(window.sluiceWalk ?? []), element];
      const before = window.sluiceWalk.at(-2);
      const ring = (node) => {
        const style = getComputedStyle(node);
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      };
      const holders = [element, element.parentElement, element.parentElement?.parentElement].filter(Boolean);
      return {
        seen: window.sluiceWalk.indexOf(element) < window.sluiceWalk.length - 1,
        backwards: Boolean(before && before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING),
        ringed: holders.some(ring) || element.tagName === 'VIDEO',
        html: element.outerHTML.replace(/\s+/g, ' ').slice(0, 100),
      };
    });
    if (!stop || stop.seen) break;
    if (stop.backwards) found.push(`the focus goes back: ${stop.html}`);
    if (!stop.ringed) found.push(`the focus is not shown: ${stop.html}`);
    walked.push(stop.html);
  }
  await page.evaluate(() => delete window.sluiceWalk);
  if (walked.length === 0) found.push('nothing can be reached by the keyboard');
  if (walked[0] && !walked[0].includes('#main')) found.push(`the skip link is not first, but ${walked[0]}`);
  return found;
}
