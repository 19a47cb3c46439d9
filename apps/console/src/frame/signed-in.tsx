import { RouterProvider } from "@tanstack/react-router";
import { router } from "../router";

/** The pages of somebody who is logged in. Loaded apart, because the login needs none of it. */
export const SignedIn = () => <RouterProvider router={router} />;
