/**
 * Does some work again and again, with a pause that may change between rounds; rests while nobody looks at the page,
 * and catches up when somebody does. Ends with the returned function.
 */
export function poll(pause_ms: () => number, work: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const again = () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(() => void round(), pause_ms());
  };
  const round = async () => {
    if (!document.hidden) await work().catch(() => undefined);
    again();
  };
  const onvisible = () => {
    if (!document.hidden) void round();
  };

  document.addEventListener('visibilitychange', onvisible);
  again();
  return () => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onvisible);
  };
}
