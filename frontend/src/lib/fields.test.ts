import { expect, it } from 'vitest';

import { emailFault, faultsOf, passwordFault, textFault } from './fields';

it.each(['', '  ', 'ada', 'ada@', '@example.org', 'a da@example.org'])(
  'has a fault to find with the address %j',
  (email) => {
    expect(emailFault(email)).toMatch(/\.$/);
  },
);

it('takes an e-mail address with spaces around it', () => expect(emailFault(' ada@example.org ')).toBeNull());

it('counts the characters of a password as people do', () => {
  expect(passwordFault('9 letters')).not.toBeNull();
  expect(passwordFault('10 letters')).toBeNull();
  expect(passwordFault('🔑'.repeat(10))).toBeNull();
  expect(passwordFault('🔑'.repeat(9))).not.toBeNull();
  expect(passwordFault('x'.repeat(201))).not.toBeNull();
});

it('wants a text that is there and fits', () => {
  expect(textFault('   ', 60, 'Missing.')).toBe('Missing.');
  expect(textFault('x'.repeat(61), 60, 'Missing.')).toBe('Keep it to 60 characters.');
  expect(textFault(' x ', 60, 'Missing.')).toBeNull();
});

it('keeps only the faults there are', () => {
  expect(faultsOf({ a: null, b: 'Wrong.' })).toEqual({ b: 'Wrong.' });
});
