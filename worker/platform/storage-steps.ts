const VERSION_KEY = "storage_version";

/** How many steps the storage of an object has been through; 0 when it has never stored anything. Asking writes nothing. */
export function storageVersion({ kv }: DurableObjectStorage): number {
  return kv.get<number>(VERSION_KEY) ?? 0;
}

/**
 * Brings the SQLite of a Durable Object to the version of this code. `steps` are SQL; a step that was released is never
 * edited, a change is another step. The missing ones are applied together or not at all, so a step that fails leaves the
 * storage as it was and the object unusable until a deploy mends it. Storage of a newer version is left alone: see
 * docs/design.md#storage for what a step may do because of that.
 */
export function openStorage(storage: DurableObjectStorage, steps: readonly string[]): SqlStorage {
  const version = storageVersion(storage);
  if (version < steps.length) {
    storage.transactionSync(() => {
      for (const step of steps.slice(version)) storage.sql.exec(step);
      storage.kv.put(VERSION_KEY, steps.length);
    });
  }
  return storage.sql;
}
