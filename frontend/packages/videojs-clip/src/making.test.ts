import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Making } from './making';
import { aClip, aTransport, type FakeTransport, READY } from './testing/fakes';
import { ClipError, type ClipRequest, type ClipTransport } from './transport';

const REQUEST: ClipRequest = { start: '2026-11-21T09:00:00.000Z', end: '2026-11-21T09:00:30.000Z', mode: 'accurate' };
const FAILED = aClip({ state: 'failed', reason: 'disk_full', reason_text: 'The disk is full.' });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function making(transport: FakeTransport & Pick<ClipTransport, 'watch'> = aTransport()) {
  const [onchange, onasked] = [vi.fn(), vi.fn()];
  return { transport, onchange, onasked, making: new Making(transport, { onchange, onasked }) };
}

const stages = (onchange: ReturnType<typeof vi.fn>) => onchange.mock.calls.map(([stage]) => stage.is);

describe('a clip that is made', () => {
  it('is sent, followed and ready, and nothing is asked after', async () => {
    const { making: one, transport, onchange } = making();
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(one.stage).toMatchObject({ is: 'cutting', clip: { progress: 0.4 } });
    transport.poll.mockResolvedValue(READY);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stages(onchange)).toEqual(['sending', 'cutting', 'cutting', 'cutting', 'ready']);
    expect([transport.create.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it('is made once, however often it is asked for', () => {
    const { making: one, transport } = making();
    one.make(REQUEST);
    one.make(REQUEST);
    expect(transport.create).toHaveBeenCalledOnce();
  });

  it('is heard of at once where the transport tells by itself', async () => {
    const stop = vi.fn();
    const heard: ((clip: ReturnType<typeof aClip>) => void)[] = [];
    const watch = vi.fn((_: string, onclip: (clip: ReturnType<typeof aClip>) => void) => {
      heard.push(onclip);
      return stop;
    });
    const { making: one } = making({ ...aTransport(), watch });
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(0);
    heard[0]?.(READY);
    expect([one.stage.is, stop.mock.calls.length, vi.getTimerCount()]).toEqual(['ready', 1, 0]);
  });
});

describe('a clip that cannot be made', () => {
  it('says why in plain words, and is asked for anew by trying again', async () => {
    const { making: one, transport } = making();
    transport.create.mockRejectedValueOnce(new ClipError('too_many_requests', 'Rate limit exceeded'));
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(0);
    expect(one.stage).toMatchObject({ is: 'failed', message: expect.stringContaining('Wait a while') });
    one.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect([one.stage.is, transport.create.mock.calls.length]).toEqual(['cutting', 2]);
  });

  it('is made again under the same name where the worker failed, with the worker’s words', async () => {
    const { making: one, transport } = making();
    transport.poll.mockResolvedValue(FAILED);
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    expect(one.stage).toMatchObject({ is: 'failed', message: 'The disk is full.', code: 'disk_full' });
    one.retry();
    expect(transport.retry).toHaveBeenCalledWith('c1');
  });

  it('is not given up while a server is away for some seconds', async () => {
    const { making: one, transport } = making();
    transport.poll.mockRejectedValueOnce(new ClipError('unreachable')).mockResolvedValue(READY);
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.stage.is).toBe('ready');
  });

  it('is asked about again, not made twice, once a server that stayed away is back', async () => {
    const { making: one, transport } = making();
    transport.poll.mockRejectedValue(new ClipError('unreachable'));
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.stage).toMatchObject({ is: 'failed', code: 'unreachable' });
    transport.poll.mockResolvedValue(READY);
    one.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect([one.stage.is, transport.create.mock.calls.length]).toEqual(['ready', 1]);
  });

  it.each(['unreachable', 'unavailable'])(
    'is never made twice, however often it cannot be asked about: %s',
    async (code) => {
      const { making: one, transport } = making();
      transport.poll.mockRejectedValue(new ClipError(code));
      one.make(REQUEST);
      await vi.advanceTimersByTimeAsync(60_000);
      for (let press = 0; press < 3; press += 1) {
        one.retry();
        await vi.advanceTimersByTimeAsync(0);
        expect(one.stage).toMatchObject({ is: 'failed', code, clip: { id: 'c1' } });
      }
      transport.poll.mockResolvedValue(READY);
      one.retry();
      await vi.advanceTimersByTimeAsync(0);
      expect([one.stage.is, transport.create.mock.calls.length, transport.retry.mock.calls.length]).toEqual([
        'ready',
        1,
        0,
      ]);
    },
  );

  it('keeps its name when trying again does not reach the server', async () => {
    const { making: one, transport } = making();
    transport.poll.mockResolvedValue(FAILED);
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    transport.retry.mockRejectedValue(new ClipError('unreachable'));
    for (let press = 0; press < 2; press += 1) {
      one.retry();
      await vi.advanceTimersByTimeAsync(0);
      expect(one.stage).toMatchObject({ code: 'unreachable', message: expect.stringContaining('does not answer') });
    }
    expect([transport.retry.mock.calls.length, transport.create.mock.calls.length]).toEqual([2, 1]);
  });

  it('is followed again where it turns out that it goes on already', async () => {
    const { making: one, transport } = making();
    transport.poll.mockResolvedValueOnce(FAILED);
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    transport.retry.mockRejectedValue(new ClipError('clip_not_failed'));
    one.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(one.stage).toMatchObject({ is: 'cutting', clip: { state: 'running' } });
  });

  it('is asked for anew by whoever may not try it again under its name, and where it is gone', async () => {
    const { making: one, transport } = making();
    transport.poll.mockResolvedValueOnce({ ...FAILED, can_manage: false });
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    transport.poll.mockRejectedValue(new ClipError('not_found'));
    one.retry();
    await vi.advanceTimersByTimeAsync(500);
    expect(one.stage).toMatchObject({ is: 'failed', code: 'not_found' });
    one.retry();
    expect([transport.retry.mock.calls.length, transport.create.mock.calls.length]).toEqual([0, 3]);
  });
});

describe('whoever leaves while a clip is asked for', () => {
  it('does not call it back, and the page is told once the server has it', async () => {
    const { making: one, transport, onasked, onchange } = making();
    one.make(REQUEST);
    // With a signal, leaving would end the request.
    expect(transport.create.mock.calls).toEqual([[REQUEST]]);
    one.dispose();
    await vi.advanceTimersByTimeAsync(0);
    expect(onasked).toHaveBeenCalledExactlyOnceWith(aClip());
    expect(stages(onchange)).toEqual(['sending']);
  });

  it('does not call back another try either', async () => {
    const { making: one, transport, onasked } = making();
    transport.poll.mockResolvedValue(FAILED);
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    one.retry();
    expect(transport.retry.mock.calls).toEqual([['c1']]);
    one.dispose();
    await vi.advanceTimersByTimeAsync(0);
    expect(onasked).toHaveBeenCalledTimes(2);
  });
});

it('leaves no timer and says nothing after it was disposed of', async () => {
  const { making: one, onchange } = making();
  one.make(REQUEST);
  await vi.advanceTimersByTimeAsync(500);
  const said = onchange.mock.calls.length;
  one.dispose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([onchange.mock.calls.length, vi.getTimerCount()]).toEqual([said, 0]);
});
