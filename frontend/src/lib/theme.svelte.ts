/** Dark or light: the reader's choice, remembered, or the system's. public/early.js applies it before first paint. */

export type Theme = 'system' | 'dark' | 'light';

const KEY = 'theme';

class ThemeChoice {
  #choice = $state<Theme>(remembered());

  get choice(): Theme {
    return this.#choice;
  }

  set choice(theme: Theme) {
    this.#choice = theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    remember(theme);
  }
}

export const theme = new ThemeChoice();

function remembered(): Theme {
  try {
    const word = localStorage.getItem(KEY);
    return word === 'dark' || word === 'light' ? word : 'system';
  } catch {
    return 'system';
  }
}

function remember(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is closed to us: the choice holds until the page is left.
  }
}
