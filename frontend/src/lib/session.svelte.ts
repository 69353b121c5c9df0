/** Who is signed in. Pages read `session.account`; the cookie behind it is out of reach of scripts. */
import { api, onSignedOut } from './api';
import type { Account } from './model';
import { Problem } from './problem';

class Session {
  /** The signed-in account; null for a guest, and while `known` is false. */
  account = $state<Account | null>(null);
  /** The server has been asked. */
  known = $state(false);
  /** Why the server could not be asked; null when it answered. */
  problem = $state<Problem | null>(null);

  /** Asks the server who this is. A guest is an answer, not an error. */
  async load(): Promise<void> {
    try {
      this.account = await api.me();
      this.problem = null;
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.account = null;
      this.problem = problem.status === 401 ? null : problem;
    }
    this.known = true;
  }

  /** Signs in, and learns who that is. */
  async login(form: { email: string; password: string }): Promise<void> {
    await api.login(form);
    this.account = await api.me();
    this.problem = null;
    this.known = true;
  }

  /** Signs out here, whatever the server says: a login it no longer knows is out as well. */
  async logout(): Promise<void> {
    await api.logout().catch(() => undefined);
    this.account = null;
  }
}

export const session = new Session();

onSignedOut(() => {
  session.account = null;
});
