/** Elements by hand: names of tags, attributes and children. Nothing is markup, so nothing can be smuggled in. */

type Attributes = Record<string, string | boolean | null | undefined>;

/** An element with attributes; `true` sets one without a value, `false` and null leave it out. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(made, name, value);
  made.append(...children);
  return made;
}

/** Sets or removes an attribute, and leaves alone what stands already. */
export function set(target: Element, name: string, value: string | boolean | null | undefined): void {
  const text = value === true ? '' : value;
  if (text === false || text === null || text === undefined) target.removeAttribute(name);
  else if (target.getAttribute(name) !== text) target.setAttribute(name, text);
}

/** Writes a text, and leaves alone what stands already: a live region speaks when it is touched. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A button with an icon, a text, or both; `name` is what it is called where it shows an icon alone. */
export function button(
  className: string,
  says: { icon?: Node; text?: string; name?: string; key?: string },
): HTMLButtonElement {
  const label = says.text === undefined ? [] : [element('span', {}, says.text)];
  const icon = says.icon ? [says.icon] : [];
  const key = says.key ? [element('kbd', { 'aria-hidden': 'true' }, says.key)] : [];
  const attributes = { type: 'button', class: className, 'aria-label': says.name, 'aria-keyshortcuts': says.key };
  return element('button', attributes, ...icon, ...label, ...key);
}
