/** What a key is called on a gate unless somebody says otherwise: `alice-laptop`, without what a name may not hold. */
export function usualName(user: string, host: string): string {
  const name = `${user}-${host}`.replaceAll(/[^A-Za-z0-9._@]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'client' : name.slice(0, 63);
}
