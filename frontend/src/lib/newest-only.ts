/**
 * Does one thing at a time. Of what is asked for meanwhile only the newest is done after it: whoever sweeps over a hundred
 * moments sees the last of them, and fetches two.
 */
export function newestOnly<T>(work: (wish: T) => Promise<void>): (wish: T) => void {
  let next: { wish: T } | null = null;
  let busy = false;

  const round = async () => {
    busy = true;
    while (next) {
      const { wish } = next;
      next = null;
      await work(wish).catch(() => undefined);
    }
    busy = false;
  };

  return (wish) => {
    next = { wish };
    if (!busy) void round();
  };
}
