import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['**/dist/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      // What the server says is untrusted text: it is shown escaped, never as markup.
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // Links are ordinary addresses; src/lib/router.svelte.ts takes the clicks.
      'svelte/no-navigation-without-resolve': 'off',
      // A stream key must not reach a log; nothing else here has a reason to write one either.
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } } },
  { files: ['e2e/**'], rules: { 'no-console': 'off' } },
);
