/** What the fields of accounts must look like, said before the server has to. The server has the last word. */
import type { Faults } from './form.svelte';

export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 200;
export const NAME_MAX = 60;
export const TITLE_MAX = 120;
export const DESCRIPTION_MAX = 2_000;
export const LABEL_MAX = 60;
export const WINDOW_HOURS_MAX = 168;

export function emailFault(email: string): string | null {
  if (email.trim() === '') return 'Enter your e-mail address.';
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? null : 'This does not look like an e-mail address.';
}

export function passwordFault(password: string): string | null {
  const length = Array.from(password).length;
  if (length < PASSWORD_MIN) return `Use at least ${PASSWORD_MIN} characters.`;
  return length > PASSWORD_MAX ? `Use at most ${PASSWORD_MAX} characters.` : null;
}

/** A text that must be there and fit. */
export function textFault(text: string, max: number, missing: string): string | null {
  const length = Array.from(text.trim()).length;
  if (length === 0) return missing;
  return length > max ? `Keep it to ${max} characters.` : null;
}

/** A number of hours that can be rewound; empty leaves it to the site. */
export function windowFault(hours: string): string | null {
  const text = hours.trim();
  if (text === '') return null;
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= WINDOW_HOURS_MAX
    ? null
    : `Use whole hours, from 1 to ${WINDOW_HOURS_MAX}, which is a week.`;
}

/** The faults that there are, of those that there may be. */
export function faultsOf(checks: Record<string, string | null>): Faults {
  const faults: Faults = {};
  for (const [field, fault] of Object.entries(checks)) {
    if (fault !== null) faults[field] = fault;
  }
  return faults;
}
