/** Bindings in memory, for one process. */

import { DeadlineQueue } from '../base/clock.ts';
import type { Binding, LocationStore } from './location-store.ts';

export class MemoryLocationStore implements LocationStore {
  /** user -> key -> binding, the latest registered last. */
  readonly #users = new Map<string, Map<string, Binding>>();
  readonly #flows = new Map<string, Set<Binding>>();
  readonly #hosts = new Map<string, number>();
  readonly #deadlines = new DeadlineQueue<Binding>();
  #size = 0;

  bindingsOf(user: string): readonly Binding[] {
    return [...(this.#users.get(user)?.values() ?? [])].reverse();
  }

  byInstance(user: string, instanceId: string): readonly Binding[] {
    return this.bindingsOf(user).filter((binding) => binding.instanceId === instanceId);
  }

  byFlow(flowId: string): readonly Binding[] {
    return [...(this.#flows.get(flowId) ?? [])];
  }

  countFrom(host: string): number {
    return this.#hosts.get(host) ?? 0;
  }

  *all(): Generator<Binding> {
    for (const bindings of this.#users.values()) yield* bindings.values();
  }

  get size(): number {
    return this.#size;
  }

  get deadline(): number {
    return this.#deadlines.deadline;
  }

  save(binding: Binding): void {
    const { user, key, flowId } = binding;
    const previous = this.#users.get(user)?.get(key);
    if (previous) this.remove(previous);
    entryOf(this.#users, user, () => new Map<string, Binding>()).set(key, binding);
    if (flowId !== null) this.#joinFlow(binding, flowId);
    this.#deadlines.set(binding, binding.expiresAt);
    this.#size += 1;
  }

  remove({ user, key }: Binding): void {
    const bindings = this.#users.get(user);
    const binding = bindings?.get(key);
    if (!bindings || !binding) return;
    bindings.delete(key);
    if (bindings.size === 0) this.#users.delete(user);
    if (binding.flowId !== null) this.#leaveFlow(binding, binding.flowId);
    this.#deadlines.delete(binding);
    this.#size -= 1;
  }

  takeExpired(now: number): Binding | undefined {
    const binding = this.#deadlines.takeExpired(now);
    if (binding) this.remove(binding);
    return binding;
  }

  #joinFlow(binding: Binding, flowId: string): void {
    const { host } = binding.remote;
    entryOf(this.#flows, flowId, () => new Set<Binding>()).add(binding);
    this.#hosts.set(host, this.countFrom(host) + 1);
  }

  #leaveFlow(binding: Binding, flowId: string): void {
    const { host } = binding.remote;
    const flow = this.#flows.get(flowId);
    flow?.delete(binding);
    if (flow?.size === 0) this.#flows.delete(flowId);
    const count = this.countFrom(host) - 1;
    if (count > 0) this.#hosts.set(host, count);
    else this.#hosts.delete(host);
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  map.set(key, created);
  return created;
}
