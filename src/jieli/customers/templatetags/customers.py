"""A customer's tier as a badge, and what is shown of phone, mail and address to eyes that did not ask."""

from django import template
from django.utils.safestring import SafeString

from jieli.customers.models import Customer
from jieli.customers.queries import masked_email
from jieli.customers.rules import tier_name
from jieli.lib.text import mask_address, mask_phone
from jieli.policies.product_lines import product_words
from jieli.ui.templatetags.ui import badge

register = template.Library()
register.filter(masked_email)
register.filter(product_words)

_TONES = {"standard": "grey", "silver": "grey", "gold": "accent", "vip": "accent"}


@register.simple_tag
def tier_badge(customer: Customer) -> SafeString:
    """Show the tier of a customer; gold and VIP stand out, VIP with a star."""
    return badge(tier_name(customer.tier), _TONES[customer.tier], "star" if customer.tier == "vip" else "")


@register.filter
def masked_phone(phone: str) -> str:
    """Hide the middle of a telephone number."""
    return mask_phone(phone) if phone else ""


@register.filter
def masked_address(address: str) -> str:
    """Hide an address below its district."""
    return mask_address(address) if address else ""


@register.filter
def with_contact(url: str, contact_id: int) -> str:
    """Return the address by which a contact's field is revealed."""
    return f"{url}?contact={contact_id}"


@register.filter
def with_address(url: str, address_id: int) -> str:
    """Return the address by which a further address is revealed."""
    return f"{url}?address={address_id}"
