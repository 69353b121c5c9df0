/**
 * A number as a strip of black and white cells, to be burnt into a picture and read from a screenshot of it.
 *
 * The first cell is white and the second black, so that a reader knows what these look like; then come the bits of the
 * number, the highest first, and those of a checksum.
 */

export const CELLS = 32;
const NUMBER_BITS = 24;
const CHECK_BITS = 6;

/** The cells of a number below 2^24, from left to right: 255 for white, 0 for black. */
export function draw(number) {
  const bits = [1, 0, ...digits(number, NUMBER_BITS), ...digits(checksum(number), CHECK_BITS)];
  return bits.map((bit) => bit * 255);
}

/** The number that cells of any brightness show; null where they show none, or are damaged. */
export function read(cells) {
  const [white, black] = cells;
  if (white - black < 64) return null;
  const bits = cells.slice(2).map((cell) => Number(cell > (white + black) / 2));
  const number = value(bits.slice(0, NUMBER_BITS));
  return value(bits.slice(NUMBER_BITS)) === checksum(number) ? number : null;
}

function digits(number, length) {
  return Array.from({ length }, (_, at) => (number >> (length - 1 - at)) & 1);
}

function value(bits) {
  return bits.reduce((sum, bit) => sum * 2 + bit, 0);
}

/** Differs for any two numbers that differ in one bit, since no power of two is a multiple of 61; and for most others. */
function checksum(number) {
  return (number % 61) ^ 0b101010;
}
