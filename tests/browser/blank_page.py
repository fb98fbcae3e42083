"""Runs modules of the components in a blank page of a real browser, without the app."""

from collections.abc import Callable, Iterator

from ui.components.component import FILES

ADDRESS = "http://modules.test"
ANSWER = """async ([paths, text, given]) => {
  const { default: mount, ...exported } = Object.assign({}, ...(await Promise.all(paths.map((path) => import(path)))));
  return new Function(...Object.keys(exported), `return (${text})`)(...Object.values(exported))(...given);
}"""


def asking(browser, *modules: str) -> Iterator[Callable]:
    """`ask(function, *given)`: the result of a JavaScript function that uses the modules' exports.

    modules: files of assets/components without their ending.
    """
    page = browser.new_page()
    page.route(
        f"{ADDRESS}/**", lambda route: route.fulfill(path=FILES.parent / route.request.url.removeprefix(f"{ADDRESS}/"))
    )
    page.route(f"{ADDRESS}/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{ADDRESS}/")
    paths = [f"/{FILES.name}/{module}.js" for module in modules]
    yield lambda function, *given: page.evaluate(ANSWER, [paths, function, list(given)])
    page.close()
