import { expect, it } from 'vitest';

import { commandOf, type PanelIs, type Target } from './keys';

type More = { panel?: PanelIs; shift?: boolean; ctrl?: boolean };
const press = (
  key: string,
  target: Target = 'picture',
  { panel = 'marking', shift = false, ctrl = false }: More = {},
) => commandOf({ key, shiftKey: shift, ctrlKey: ctrl, altKey: false, metaKey: false }, target, panel);

it('sets markers by I and O, before the panel is open as well', () => {
  expect(press('i')).toEqual({ do: 'mark', which: 'in' });
  expect(press('O', 'picture', { panel: 'away' })).toEqual({ do: 'mark', which: 'out' });
  expect(press('c', 'picture', { panel: 'away' })).toEqual({ do: 'open' });
});

it('steps by a frame, and with Shift by a second', () => {
  expect(press('ArrowLeft', 'marker')).toEqual({ do: 'step', by: -1, unit: 'frame' });
  expect(press('ArrowRight', 'picture', { shift: true })).toEqual({ do: 'step', by: 1, unit: 'second' });
  expect(press('PageUp', 'marker')).toEqual({ do: 'step', by: 10, unit: 'second' });
});

it('makes by Enter and leaves by Escape', () => {
  expect(press('Enter', 'marker')).toEqual({ do: 'make' });
  expect(press('Escape', 'field')).toEqual({ do: 'leave' });
});

it('leaves a field its letters, a control its own keys, and the browser its shortcuts', () => {
  expect(press('i', 'field')).toBeNull();
  expect(press('Enter', 'control')).toBeNull();
  expect(press('ArrowLeft', 'control')).toBeNull();
  expect(press(' ', 'control')).toBeNull();
  expect(press('c', 'picture', { ctrl: true })).toBeNull();
});

it('leaves the player its keys while no markers are set', () => {
  for (const key of ['ArrowLeft', 'PageUp', 'Enter', 'Escape', ' ', 'p'])
    expect(press(key, 'picture', { panel: 'away' })).toBeNull();
});

it('takes no more than Escape for a panel that only says why there can be no clip', () => {
  for (const key of ['ArrowLeft', 'PageUp', 'Enter', ' ', 'p'])
    expect(press(key, 'picture', { panel: 'refusing' })).toBeNull();
  expect(press('Escape', 'picture', { panel: 'refusing' })).toEqual({ do: 'leave' });
});

it('leaves Escape to what is open over the picture', () => {
  expect(press('Escape', 'menu')).toBeNull();
  expect(press('c', 'menu')).toEqual({ do: 'open' });
});
