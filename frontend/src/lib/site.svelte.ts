/** What the site calls itself and how it lets people in; asked once. */
import { api } from './api';
import type { Site } from './model';

class SiteFacts {
  /** Until the server has answered, the defaults of an unconfigured site. */
  facts = $state<Omit<Site, 'ingest'> & { ingest: Site['ingest'] | null }>({
    name: 'Sluice',
    activation_required: false,
    signup_role: 'streamer',
    version: '',
    dvr_window_hours: 24,
    clip_max_seconds: 180,
    ingest: null,
  });

  /** Asks the server; a site that cannot be asked keeps the defaults. */
  async load(): Promise<void> {
    this.facts = await api.site().catch(() => this.facts);
  }
}

export const site = new SiteFacts();
