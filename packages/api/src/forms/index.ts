export { makeForm } from "./form-budget.js";
export { Form } from "./form.type.js";
