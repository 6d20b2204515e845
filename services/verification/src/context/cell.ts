const LETTERS = '0123456789bcdefghjkmnpqrstuvwxyz'; // geohash: 5 bits a letter, longitude first
const BITS = 5;

/**
 * Whether a place lies in a geohash's cell or in one of the 8 around it. The place is a geohash, too, at least as long: a
 * shorter one could be anywhere. Round the world in the east and west; there is no cell beyond a pole.
 */
export function isNear(cell: string, place: string): boolean {
  if (place.length < cell.length) return false;
  const here = gridOf(cell);
  const there = gridOf(place.slice(0, cell.length));
  const columns = 2 ** Math.ceil((cell.length * BITS) / 2);
  const east = (there.column - here.column + columns) % columns;
  return (east <= 1 || east === columns - 1) && Math.abs(there.row - here.row) <= 1;
}

/** Column and row of a cell in the grid of all that are as small, from the south-west on. */
function gridOf(geohash: string): { column: number; row: number } {
  let [column, row] = [0, 0];
  const bits = [...geohash].flatMap((letter) => {
    const value = LETTERS.indexOf(letter);
    return Array.from({ length: BITS }, (_, index) => (value >> (BITS - 1 - index)) & 1);
  });
  for (const [index, bit] of bits.entries()) {
    if (index % 2 === 0) column = column * 2 + bit;
    else row = row * 2 + bit;
  }
  return { column, row };
}
