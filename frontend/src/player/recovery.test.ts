import { describe, expect, it } from 'vitest';

import { engineConfig, worthRetrying } from './engine';
import { type EngineError, Recovery } from './recovery';

const error = (facts: Partial<EngineError>): EngineError => ({
  type: 'networkError',
  details: 'fragLoadError',
  fatal: true,
  ...facts,
});

describe('what is done about an error', () => {
  it('is nothing while the engine copes by itself', () => {
    expect(new Recovery().judge(error({ fatal: false }), 0)).toEqual({ do: 'nothing' });
  });

  it('is to start again when the network fails in the middle of a show, for a minute and a half', () => {
    const recovery = new Recovery();
    for (const now of [0, 30_000, 89_999]) expect(recovery.judge(error({}), now).do).toBe('restart');
    expect(recovery.judge(error({}), 90_000)).toMatchObject({ do: 'fail', code: 2 });
  });

  it('forgives the network as soon as media arrives', () => {
    const recovery = new Recovery();
    recovery.judge(error({}), 0);
    recovery.progress();
    expect(recovery.judge(error({}), 90_000).do).toBe('restart');
  });

  it('is to recover from damaged media three times in half a minute, and then to give up', () => {
    const recovery = new Recovery();
    const damaged = error({ type: 'mediaError', details: 'bufferAppendError' });
    for (const now of [0, 1_000, 2_000]) expect(recovery.judge(damaged, now).do).toBe('recover-media');
    expect(recovery.judge(damaged, 3_000)).toMatchObject({ do: 'fail', code: 3 });
    expect(recovery.judge(damaged, 31_500).do).toBe('recover-media');
  });

  it('is to begin anew when the encoder adds a picture to its sound', () => {
    const added = { type: 'mediaError', details: 'bufferAppendError', error: { name: 'HlsJsTrackRemovedError' } };
    const recovery = new Recovery();
    for (const now of [0, 1, 2, 3, 4]) expect(recovery.judge(error(added), now)).toEqual({ do: 'renew' });
  });

  it.each([
    [{ details: 'manifestLoadError', response: { code: 404 } }, 2, /not begun yet/],
    [{ details: 'manifestLoadTimeOut' }, 2, /cannot be reached/],
    [{ type: 'mediaError', details: 'manifestIncompatibleCodecsError' }, 4, /browser cannot play/],
    [{ type: 'otherError', details: 'internalException' }, 4, /browser cannot play/],
  ])('is to tell the viewer what to do when nothing can be done: %o', (facts, code, sentence) => {
    expect(new Recovery().judge(error(facts), 0)).toMatchObject({
      do: 'fail',
      code,
      message: expect.stringMatching(sentence),
    });
  });
});

describe('a failed request', () => {
  it.each([
    [404, false, true],
    [503, false, true],
    [429, false, true],
    [0, false, true],
    [undefined, true, true],
    [403, false, false],
    [410, false, false],
  ])('with status %s (timed out: %s) is worth another try: %s', (status, timedOut, worth) => {
    expect(worthRetrying(status, timedOut)).toBe(worth);
  });

  it('is worth it for a playlist that was asked for too far ahead, and for no segment', () => {
    const retries = (policy: typeof engineConfig.playlistLoadPolicy) => {
      const retry = policy?.default.errorRetry ?? null;
      return retry?.shouldRetry?.(retry, 0, false, { url: '', data: '', code: 400 }, true) ?? 'as the engine likes';
    };
    expect(retries(engineConfig.playlistLoadPolicy)).toBe(true);
    expect(retries(engineConfig.fragLoadPolicy)).toBe('as the engine likes');
  });
});
