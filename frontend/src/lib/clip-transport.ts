/** How the player's clip plugin has clips of a channel made: by the API, and by the events of each clip. */
import type { ClipTransport } from '@sluice/videojs-clip';

import { api } from './api';
import { Problem } from './problem';
import { listenToClips } from './realtime';

/** The plugin asks now and then by itself, so events are all that it is told beside. */
export function clipTransport(slug: string): ClipTransport {
  return {
    create: (request) => api.createClip(slug, request).catch(refuse),
    poll: (id) => api.clip(id),
    retry: (id) => api.retryClip(id),
    watch: (id, onclip) => listenToClips([id], { onclip }),
  };
}

/** The panel has one line for what is wrong, wherever it is wrong. */
function refuse(thrown: unknown): never {
  const problem = Problem.of(thrown);
  const [detail = problem.message] = Object.values(problem.fields);
  throw new Problem({ ...problem, detail });
}
