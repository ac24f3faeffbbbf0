/** Where the finished systems of the tests get their packages from. */
export const MIRRORS = {
  mirror: 'http://archive.example.org/debian',
  security: 'http://archive.example.org/debian-security',
};
