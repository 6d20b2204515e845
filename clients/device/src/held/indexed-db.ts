// The few words of IndexedDB that are needed, so that Node's compiler need not know the browser's.

interface Asked<T> {
  result: T;
  error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface Opening extends Asked<Database> {
  onupgradeneeded: (() => void) | null;
}

interface Database {
  createObjectStore(name: string): unknown;
  transaction(store: string, mode: 'readonly' | 'readwrite', options?: { durability: 'strict' }): Transaction;
  close(): void;
}

interface Transaction {
  objectStore(name: string): Rows;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  error: Error | null;
  abort(): void;
}

interface Rows {
  get(key: string): Asked<unknown>;
  getAllKeys(): Asked<unknown[]>;
  put(value: unknown, key: string): Asked<unknown>;
  delete(key: string): Asked<unknown>;
}

interface Factory {
  open(name: string, version: number): Opening;
}

const STORE = 'devices';
const VERSION = 1;

/** Rows by name in a database of the browser's, one transaction at a time. */
export class Table {
  private constructor(private readonly database: Database) {}

  /** Throws Error where there is no IndexedDB: in Node, and in some private windows. */
  static async open(name: string): Promise<Table> {
    const { indexedDB } = globalThis as { indexedDB?: Factory };
    if (!indexedDB) throw new Error('there is no IndexedDB here to keep a device in');
    const opening = indexedDB.open(name, VERSION);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    return new Table(await answerOf(opening));
  }

  async names(): Promise<string[]> {
    const rows = this.database.transaction(STORE, 'readonly').objectStore(STORE);
    return (await answerOf(rows.getAllKeys())) as string[];
  }

  /**
   * Changes one row: `change` sees what is there (undefined: nothing) and says what shall be; undefined deletes it, the
   * same value changes nothing. Nobody else sees or changes the row in between, and the browser was asked to have it on
   * the disk when this resolves. What `change` throws leaves the row as it was.
   */
  change<Row>(name: string, change: (row: Row | undefined) => Row | undefined): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' });
      const rows = transaction.objectStore(STORE);
      const asked = rows.get(name);
      let changed: Row | undefined;
      let reason: Error | undefined;
      asked.onsuccess = () => {
        const present = asked.result as Row | undefined;
        try {
          changed = change(present);
        } catch (error) {
          reason = error as Error;
          transaction.abort();
          return;
        }
        if (changed === undefined) rows.delete(name);
        else if (changed !== present) rows.put(changed, name);
      };
      transaction.oncomplete = () => resolve(changed);
      transaction.onabort = () => reject(reason ?? transaction.error ?? new Error('the database gave up'));
    });
  }

  close(): void {
    this.database.close();
  }
}

function answerOf<T>(asked: Asked<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('the database did not answer'));
  });
}
