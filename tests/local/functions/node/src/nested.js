// A module of a package.json with "type": "module".
export const handler = async () => ({ statusCode: 200, body: import.meta.url.split("/").at(-1) });
