/** The time, for durations that tick. */

import { useEffect, useState } from 'preact/hooks';

/** Milliseconds since the Unix epoch, anew every second while `ticking`. */
export function useNow(ticking = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
