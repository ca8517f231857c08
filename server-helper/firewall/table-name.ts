/** The gate's own table: nothing outside it is ever read, written or flushed. */
export const TABLE = 'inet knockgate';
