import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from './api';
import { confirm } from './confirm.svelte';
import { Form } from './form.svelte';
import type { Account } from './model';
import { PagedList } from './pages.svelte';
import { poll } from './poll';
import { Problem } from './problem';
import { session } from './session.svelte';
import { theme } from './theme.svelte';
import { toasts } from './toasts.svelte';

const ada = { id: 'a1', email: 'ada@example.org', display_name: 'Ada', role: 'streamer' } as Account;
const refused = (code: string, fields: Record<string, string> = {}, status = 422) =>
  new Problem({ status, code, detail: `Refused: ${code}.`, fields });

describe('who is signed in', () => {
  it('is a guest, and no failure, when the server says 401', async () => {
    vi.spyOn(api, 'me').mockRejectedValue(refused('authentication_required', {}, 401));
    await session.load();
    expect([session.known, session.account, session.problem]).toEqual([true, null, null]);
  });

  it('is unknown for a reason when the server cannot be reached', async () => {
    vi.spyOn(api, 'me').mockRejectedValue(Problem.unreachable());
    await session.load();
    expect(session.problem?.code).toBe('unreachable');
  });

  it('is signed out here even when the server does not answer', async () => {
    vi.spyOn(api, 'login').mockResolvedValue({ expires_at: '' });
    vi.spyOn(api, 'me').mockResolvedValue(ada);
    await session.login({ email: 'ada@example.org', password: 'x' });
    expect(session.account?.display_name).toBe('Ada');
    vi.spyOn(api, 'logout').mockRejectedValue(Problem.unreachable());
    await session.logout();
    expect(session.account).toBeNull();
  });
});

describe('a form', () => {
  const element = () => {
    const form = document.createElement('form');
    form.innerHTML = '<input name="email" aria-invalid="true">';
    document.body.replaceChildren(form);
    return form;
  };

  it('sends nothing while a field is wrong, and goes to that field', async () => {
    const work = vi.fn();
    const form = new Form(['email']);
    expect(await form.submit(element(), { email: 'Wrong.' }, work)).toBe(false);
    expect(work).not.toHaveBeenCalled();
    expect(document.activeElement?.getAttribute('name')).toBe('email');
  });

  it('shows what the server refuses beside the fields it has, and the rest for the whole', async () => {
    const form = new Form(['email']);
    await form.submit(element(), {}, () => Promise.reject(refused('validation_failed', { email: 'Bad.' })));
    expect([form.faults, form.problem]).toEqual([{ email: 'Bad.' }, null]);
    await form.submit(element(), {}, () =>
      Promise.reject(refused('validation_failed', { email: 'Bad.', age: 'Young.' })),
    );
    expect([form.faults, form.problem?.code]).toEqual([{ email: 'Bad.' }, 'validation_failed']);
  });

  it('puts a taken address beside its field, though the server names none', async () => {
    const form = new Form(['slug']);
    await form.submit(element(), {}, () => Promise.reject(refused('slug_taken', {}, 409)));
    expect([form.faults, form.problem]).toEqual([{ slug: 'Refused: slug_taken.' }, null]);
    form.clear('slug');
    expect(form.faults).toEqual({});
  });

  it('is sent once at a time', async () => {
    let finish: () => void = () => undefined;
    const work = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    const form = new Form([]);
    const first = form.submit(element(), {}, work);
    expect(form.busy).toBe(true);
    expect(await form.submit(element(), {}, work)).toBe(false);
    finish();
    expect(await first).toBe(true);
    expect(work).toHaveBeenCalledOnce();
    expect(form.busy).toBe(false);
  });
});

describe('a list read page by page', () => {
  const pages: Record<string, { items: { id: string }[]; next_cursor: string | null }> = {
    first: { items: [{ id: 'a' }, { id: 'b' }], next_cursor: 'second' },
    second: { items: [{ id: 'b' }, { id: 'c' }], next_cursor: null },
  };
  const read = (cursor: string | null) => Promise.resolve(pages[cursor ?? 'first'] ?? { items: [], next_cursor: null });

  it('reads on to its end, and shows nothing twice', async () => {
    const list = new PagedList(read);
    await list.reload();
    expect(list.more).toBe(true);
    await list.readOn();
    expect(list.items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(list.more).toBe(false);
  });

  it('keeps what it has when reading on fails, and says why', async () => {
    const list = new PagedList((cursor) => (cursor ? Promise.reject(Problem.unreachable()) : read(cursor)));
    await list.reload();
    await list.readOn();
    expect(list.items).toHaveLength(2);
    expect(list.problem?.code).toBe('unreachable');
  });

  it('forgets a late answer to an older question', async () => {
    const answers: ((page: (typeof pages)[string]) => void)[] = [];
    const list = new PagedList<{ id: string }>(() => new Promise((resolve) => answers.push(resolve as never)));
    const [old, fresh] = [list.reload(), list.reload()];
    answers[1]?.({ items: [{ id: 'new' }], next_cursor: null });
    answers[0]?.({ items: [{ id: 'old' }], next_cursor: null });
    await Promise.all([old, fresh]);
    expect(list.items).toEqual([{ id: 'new' }]);
  });
});

describe('notices', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => {
    for (const toast of toasts.items) toasts.dismiss(toast.id);
    vi.useRealTimers();
  });

  it('go by themselves, but not while they are reached for', () => {
    toasts.done('Saved.');
    const id = toasts.items[0]?.id ?? 0;
    toasts.hold(id);
    vi.advanceTimersByTime(60_000);
    expect(toasts.items).toHaveLength(1);
    toasts.release(id);
    vi.advanceTimersByTime(7_000);
    expect(toasts.items).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never pile up', () => {
    for (let n = 0; n < 9; n += 1) toasts.wrong(Problem.unreachable());
    expect(toasts.items.length).toBeLessThanOrEqual(4);
  });
});

describe('a question', () => {
  it('is answered once, and a newer one answers the older with no', async () => {
    const first = confirm.ask({ title: 'One?', text: '', action: 'Yes' });
    const second = confirm.ask({ title: 'Two?', text: '', action: 'Yes' });
    confirm.answer(true);
    confirm.answer(false);
    expect([await first, await second]).toEqual([false, true]);
    expect(confirm.question).toBeNull();
  });
});

describe('the theme', () => {
  it('is remembered when it was chosen, and forgotten when it is the system’s again', () => {
    theme.choice = 'light';
    expect([document.documentElement.dataset.theme, localStorage.getItem('theme')]).toEqual(['light', 'light']);
    theme.choice = 'system';
    expect([document.documentElement.dataset.theme, localStorage.getItem('theme')]).toEqual([undefined, null]);
  });
});

describe('work done again and again', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('rests while nobody looks, catches up when somebody does, and survives a failure', async () => {
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const work = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue(undefined);
    const stop = poll(() => 1_000, work);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(work).not.toHaveBeenCalled();
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(work).toHaveBeenCalledTimes(2);
    stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(work).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
