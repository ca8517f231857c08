/** More than ssh writes with `-v` before a login; a server's banner comes after the key of the host. */
const MOST_CHARACTERS = 64 * 1024;

/** What a program has said: how it began and how it ended. What a server makes it say in between may have no end. */
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
