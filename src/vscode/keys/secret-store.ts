/** Store of secrets, by name: the secret storage of the editor, or a file under a passphrase. */
export interface SecretStore {
  get(name: string): PromiseLike<string | undefined>;
  store(name: string, value: string): PromiseLike<void>;
  delete(name: string): PromiseLike<void>;
}

/** Store that the setting chooses at each moment. */
export function chosenStore(choose: () => SecretStore): SecretStore {
  return {
    get: (name) => choose().get(name),
    store: (name, value) => choose().store(name, value),
    delete: (name) => choose().delete(name),
  };
}
