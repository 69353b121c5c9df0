import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Making } from './making';
import { aClip, aTransport, READY } from './testing/fakes';
import { ClipError, type ClipRequest } from './transport';

const REQUEST: ClipRequest = { start: '2026-11-21T09:00:00.000Z', end: '2026-11-21T09:00:30.000Z', mode: 'accurate' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function making(transport = aTransport()) {
  const onchange = vi.fn();
  return { transport, onchange, making: new Making(transport, onchange) };
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
    const onchange = vi.fn();
    const one = new Making({ ...aTransport(), watch }, onchange);
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
    transport.poll.mockResolvedValue(aClip({ state: 'failed', reason: 'disk_full', reason_text: 'The disk is full.' }));
    one.make(REQUEST);
    await vi.advanceTimersByTimeAsync(500);
    expect(one.stage).toMatchObject({ is: 'failed', message: 'The disk is full.', code: 'disk_full' });
    one.retry();
    expect(transport.retry).toHaveBeenCalledWith('c1', expect.anything());
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
