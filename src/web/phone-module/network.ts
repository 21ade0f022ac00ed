/** When the device comes to another network. */

interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Returns what ends it. */
export function onNetworkChange(changed: () => void): () => void {
  const { connection } = navigator as Navigator & { readonly connection?: NetworkInformation };
  let type = connection?.type;
  // It also tells of every new guess at the line's speed.
  const perhaps = (): void => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== 'none') changed();
  };
  addEventListener('online', changed);
  connection?.addEventListener('change', perhaps);
  return () => {
    removeEventListener('online', changed);
    connection?.removeEventListener('change', perhaps);
  };
}
