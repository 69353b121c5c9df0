/** How the making of a clip stands, and what can be done with the clip once it is there. */
import { button, element, write } from './dom';
import { icon } from './icons';
import type { Stage } from './making';
import type { Clip } from './transport';
import { clockExact, early_s, inWords } from './words';

export interface OutcomeActs {
  leave(): void;
  retry(): void;
  another(): void;
}

/** Fills `host`; answers what a screen reader is to be told. What stands already is only brought up to date. */
export function outcome(host: HTMLElement, stage: Stage, acts: OutcomeActs): { said: string } {
  if (stage.is === 'idle') return { said: cleared(host) };
  if (stage.is === 'sending' || stage.is === 'cutting') return { said: progress(host, stage) };
  host.dataset.stage = stage.is;
  if (stage.is === 'ready') return { said: ready(host, stage.clip, acts) };
  const retry = button('vjs-clip-button vjs-clip-main', { text: 'Try again' });
  const change = button('vjs-clip-button', { text: 'Change the markers' });
  retry.addEventListener('click', acts.retry);
  change.addEventListener('click', acts.another);
  const said = `The clip could not be made. ${stage.message}`;
  host.replaceChildren(heading('The clip could not be made'), words(stage.message), row(retry, change));
  return { said };
}

function cleared(host: HTMLElement): string {
  host.replaceChildren();
  delete host.dataset.stage;
  return '';
}

/** The element of the progress bar stays: only what it says changes. */
function progress(host: HTMLElement, stage: Extract<Stage, { is: 'sending' | 'cutting' }>): string {
  if (host.dataset.stage !== 'progress') {
    host.dataset.stage = 'progress';
    const meter = element('progress', { max: '1', 'aria-label': 'The clip is being cut' });
    const leave = words('You can leave: the clip is made all the same.');
    host.replaceChildren(heading(''), meter, leave);
  }
  const [title, meter] = host.children as unknown as [HTMLElement, HTMLProgressElement];
  const clip = stage.is === 'cutting' ? stage.clip : null;
  write(title, clip?.state === 'running' ? 'Cutting the clip' : waits(clip));
  if (clip?.state === 'running' && clip.progress > 0) meter.value = Math.min(1, clip.progress);
  else meter.removeAttribute('value');
  return title.textContent ?? '';
}

function waits(clip: Clip | null): string {
  return clip === null ? 'Asking for the clip' : 'The clip waits for its turn, or for its end to happen';
}

function ready(host: HTMLElement, clip: Clip, acts: OutcomeActs): string {
  const link = new URL(clip.page ?? clip.url ?? '', document.baseURI).href;
  const field = element('input', { type: 'text', readonly: true, value: link, 'aria-label': 'Link to the clip' });
  field.addEventListener('focus', () => field.select());
  const [copy, open, another] = [
    button('vjs-clip-button vjs-clip-main', { icon: icon('copy'), text: 'Copy the link' }),
    element('a', { class: 'vjs-clip-button', href: link }, icon('open'), element('span', {}, 'Open')),
    button('vjs-clip-button', { icon: icon('scissors'), text: 'Make another' }),
  ];
  copy.addEventListener('click', () => void copyFrom(field, copy));
  another.addEventListener('click', acts.another);
  const acting = [copy, open, ...download(clip), ...share(link, clip), another];
  const picture = clip.poster ? [element('img', { src: clip.poster, alt: '', class: 'vjs-clip-poster' })] : [];
  const facts = words(factsOf(clip));
  const text = element('div', { class: 'vjs-clip-made' }, heading('Your clip is ready'), facts, field, row(...acting));
  host.replaceChildren(...picture, text);
  return 'Your clip is ready.';
}

/** How long it is; and, for a clip that begins at a keyframe, by how much it begins earlier. */
function factsOf({ duration_ms, start, actual_start }: Clip): string {
  const long = duration_ms === null ? '' : `${inWords(duration_ms)} long`;
  const early = early_s({ start, actual_start });
  if (early === null) return long && `${long}.`;
  return `${long}, from ${clockExact(Date.parse(actual_start as string))}: ${early.toFixed(1)} s before the marker.`;
}

function download(clip: Clip): HTMLElement[] {
  const href = clip.download ?? clip.url;
  if (!href) return [];
  const attributes = { class: 'vjs-clip-button', href, download: true };
  return [element('a', attributes, icon('download'), element('span', {}, 'Download'))];
}

function share(url: string, clip: Clip): HTMLElement[] {
  if (!('share' in navigator)) return [];
  const made = button('vjs-clip-button', { icon: icon('share'), text: 'Share' });
  // A sheet that was closed again is no failure.
  const send = () => navigator.share({ url, ...(clip.title && { title: clip.title }) }).catch(() => undefined);
  made.addEventListener('click', () => void send());
  return [made];
}

/** Plain http has no clipboard: then the link is selected, to be copied by hand. */
async function copyFrom(field: HTMLInputElement, by: HTMLButtonElement): Promise<void> {
  const label = by.querySelector('span') as HTMLElement;
  try {
    await navigator.clipboard.writeText(field.value);
    write(label, 'Copied');
  } catch {
    field.focus();
    field.select();
    write(label, document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C');
  }
}

function heading(text: string): HTMLElement {
  return element('p', { class: 'vjs-clip-heading' }, text);
}

function words(text: string): HTMLElement {
  return element('p', { class: 'vjs-clip-quiet' }, text);
}

function row(...children: Node[]): HTMLElement {
  return element('div', { class: 'vjs-clip-acts' }, ...children);
}
