"""Say whether the demo shop's files are as they should be: `python -m tools.demo`."""

import sys

from tools.demo import DemoDataError, check, load


def main() -> int:
    try:
        shop = load()
        check(shop)
    except (OSError, ValueError) as error:
        print(f"The demo shop can't be read: {error}", file=sys.stderr)
        return 1
    except DemoDataError as error:
        print(error, file=sys.stderr)
        return 1
    variants = sum(len(product["variants"]) for product in shop.products)
    print(f"The demo shop is in order: {len(shop.products)} products, {variants} variants.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
