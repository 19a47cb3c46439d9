import { ApolloClient } from "@apollo/client";
import { weftCache, weftLink } from "@weft/client/apollo";
import { weft } from "../shared/weft";

export const client = new ApolloClient({ link: weftLink(weft), cache: weftCache() });
