/**
 * Returns the role that sessions with this URL work as: that of the parameter `role`, which a leased user takes over, or else the user. Empty if the URL has
 * neither.
 */
export function roleOfUrl(text: string): string {
  const { searchParams, username } = new URL(text);
  return searchParams.get("role") ?? decodeURIComponent(username);
}
