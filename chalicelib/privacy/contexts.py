"""The contexts that keep something about people."""

from collections.abc import Mapping

from chalicelib.accounts import personal_data as account
from chalicelib.balance import personal_data as balance
from chalicelib.cart import personal_data as cart
from chalicelib.inventory import personal_data as open_holds
from chalicelib.kernel.personal_data import PersonalData
from chalicelib.payments import personal_data as customer
from chalicelib.settlement import personal_data as orders
from chalicelib.subscriptions import personal_data as subscriptions

# By the name under which each is exported, in the order in which they erase. Subscriptions come
# before the customer, with whom the provider would end them behind our back; stock comes last:
# orders and carts give back first what its notes count.
PERSONAL_DATA: Mapping[str, PersonalData] = {
    "account": account,
    "cart": cart,
    "orders": orders,
    "subscriptions": subscriptions,
    "customer": customer,
    "balance": balance,
    "openHolds": open_holds,
}
