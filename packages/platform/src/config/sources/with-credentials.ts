/**
 * Returns a URL with another password and, if one is given, another user name. A role of PostgreSQL in the URL stays the role that sessions work as: the
 * user that a server of secrets has created for a while is a member of it, and policies and privileges are those of the role. Null if the text is not a URL.
 */
export function withCredentials(
  text: string,
  { username, password }: { readonly username: string | undefined; readonly password: string },
): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const role = decoded(url.username);
  if (username !== undefined) {
    if (url.protocol.startsWith("postgres") && role !== "" && role !== username) url.searchParams.set("role", role);
    url.username = encodeURIComponent(username);
  }
  url.password = encodeURIComponent(password);
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
