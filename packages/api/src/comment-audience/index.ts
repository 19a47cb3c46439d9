export { CommentAudience } from "./comment-audience.js";
