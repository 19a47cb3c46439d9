import { NetworkError } from "@weft/client";
import { useWeft } from "@weft/react";

/** Returns a function that ends the session. */
export function useLogOut(): () => Promise<void> {
  const { session } = useWeft();
  return async () => {
    try {
      await session.logOut();
    } catch (error) {
      // Without a network, the session ends here, and on the server at its timeout.
      if (!(error instanceof NetworkError)) throw error;
    }
  };
}
