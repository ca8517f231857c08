/** Name for a key on a gate unless somebody chooses one: `alice-laptop`, without characters that a name cannot have. */
export function usualName(user: string, host: string): string {
  const name = `${user}-${host}`.replaceAll(/[^A-Za-z0-9._@]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'client' : name.slice(0, 63);
}
