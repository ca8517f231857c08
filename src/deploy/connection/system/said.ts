/** More characters than ssh writes with `-v` before a login; a server's banner comes after the key of the host. */
const MOST_CHARACTERS = 64 * 1024;

/** Output of a program: its beginning and its end. A server could make the part between endless. */
export class Said {
  private head = '';
  private tail = '';

  add(text: string): void {
    const room = MOST_CHARACTERS - this.head.length;
    this.head += text.slice(0, room);
    this.tail = (this.tail + text.slice(room)).slice(-MOST_CHARACTERS);
  }

  text(): string {
    return this.head + this.tail;
  }
}
