"""The makers in the demo store. All of them are invented."""

from mercato.demo.model import DemoBrand

# (code, name, price level, description)
_ROWS = (
    # Sound, screens and computers
    ("AUR", "Auralis", 1.1, "Headphones and speakers tuned by people who play in bands."),
    ("SON", "Sonvera", 1.0, "Everyday audio with a warm, unhurried sound."),
    ("KLA", "Klangholm", 1.2, "Nordic loudspeakers with honest wood and honest bass."),
    ("TID", "Tidelow", 0.85, "Affordable sound for beaches, bikes and backpacks."),
    ("NOV", "Novatide", 1.05, "Laptops, tablets and phones that stay out of the way."),
    ("QUI", "Quillon", 1.15, "Computers and tools for people who write for a living."),
    ("PIX", "Pixmoor", 1.0, "Displays and tablets with carefully calibrated color."),
    ("HEX", "Hexalume", 1.1, "Gaming gear with more precision than bling."),
    ("ORB", "Orbiq", 0.95, "Phones and wearables for busy pockets."),
    ("LMN", "Lumeno", 1.1, "Screens and cameras in love with light."),
    ("VOL", "Voltane", 0.9, "Portable power that is honest about its capacity."),
    ("VIS", "Vistelle", 1.05, "Televisions and monitors framed as thinly as possible."),
    ("FRA", "Framewell", 1.0, "Cameras for travelers and street corners."),
    ("HAL", "Halbrecht", 1.25, "Precision cameras built by hand since 1931."),
    ("GRI", "Grimfox", 0.95, "Controllers and keyboards for competitive evenings."),
    # Home
    ("CAL", "Caldora", 0.9, "Kitchen machines for busy families."),
    ("BEL", "Bellavoro", 1.2, "Espresso culture from a workshop at the lake."),
    ("MOL", "Molinetto", 1.0, "Grinders, mixers and mornings."),
    ("NRD", "Nordhus", 1.05, "Plain, quiet household machines."),
    ("FER", "Ferrum & Oak", 1.15, "Cast iron and wood for stove, oven and fire."),
    ("STK", "Steinkraft", 1.2, "Blades and steel with a lifelong edge."),
    ("CAS", "Casa Lunetta", 0.95, "Tableware and cookware with southern sunshine."),
    ("MOS", "Moss & Clay", 1.0, "Pots, glazes and green things from one studio."),
    ("HOL", "Hollowell", 1.05, "Stoneware fired in small batches."),
    ("LHV", "Lindhaven", 1.0, "Furniture for the long run."),
    ("PAL", "Studio Palova", 1.25, "Sculptural pieces for small flats."),
    ("FJO", "Fjordal", 1.0, "Wood, wool and light from the north."),
    ("OAK", "Oakmere", 0.95, "Solid wood, simple joints, fair prices."),
    ("GLI", "Glimmerholm", 1.05, "Lamps and clocks for warm evenings."),
    ("SFT", "Softloom", 0.95, "Cotton and linen for bed, bath and sofa."),
    ("TAR", "Tarnbrook", 1.1, "Woven and knitted things from a mill by the lake."),
    ("WIC", "Wick & Willow", 1.0, "Hand-poured candles with quiet scents."),
    ("DUS", "Dustral", 1.05, "Vacuum cleaners that find every crumb."),
    ("ZEP", "Zephyro", 0.95, "Light, quiet helpers for clean floors."),
    # Fashion
    ("HRP", "Harrow & Pine", 1.0, "Basics and knitwear cut to be worn for years."),
    ("BLT", "Blue Tern", 0.9, "Denim and jersey with a breath of sea air."),
    ("SOL", "Solvane", 1.05, "Easy clothes for warm days."),
    ("NLN", "Northlane", 1.1, "Outerwear and boots for real weather."),
    ("MAR", "Marlowe Street", 1.05, "City clothes and bags with clean lines."),
    ("STR", "Strideon", 1.0, "Running shoes and sneakers with spring."),
    ("VEL", "Veloce Run", 1.15, "Fast shoes for people who count seconds."),
    ("COB", "Cobbler's Row", 1.15, "Shoes and bags that can be repaired."),
    ("TER", "Terrano", 0.95, "Gear for trails, gravel and city hills."),
    ("WAY", "Waypoint Goods", 1.0, "Bags and luggage for orderly travelers."),
    ("HDR", "Halden & Roe", 1.2, "Wristwatches signed by their makers."),
    ("MRD", "Meridor", 1.0, "Watches, glasses and luggage for departures."),
    ("SNM", "Sunmere", 0.9, "Sunglasses for coast roads."),
    # Sports
    ("KIN", "Kinetra", 1.0, "Training gear that keeps up."),
    ("ASA", "Asanaya", 1.05, "Mats and props for daily yoga."),
    ("IRV", "Ironvale", 0.95, "Weights from a small foundry."),
    ("PEA", "Peakward", 1.15, "Tents, packs and layers for high places."),
    ("VLM", "Velomar", 1.05, "Bicycles welded by the canal."),
    ("PLF", "Playfield", 0.9, "Balls and rackets for parks and clubs."),
    # Care
    ("VER", "Verdelle", 0.95, "Plant-based care from our own fields."),
    ("ROS", "Rosalune", 1.05, "Color and scent with a light hand."),
    ("DER", "Dermoa", 1.15, "Short formulas for sensitive skin."),
    ("OST", "Maison Ostrel", 1.3, "Perfumes composed with patience."),
    ("AER", "Aerisse", 1.05, "Hair tools with gentle heat."),
    ("BRI", "Brightwell", 0.95, "Bathroom electronics that last."),
    # Toys and children
    ("LIT", "Little Acorn", 1.05, "Wooden toys and first friends."),
    ("PZW", "Puzzlewood", 0.95, "Puzzles, blocks and games for rainy days."),
    ("CUD", "Cuddlebrook", 1.0, "Soft animals with good ears."),
    ("TAB", "Tabletop Tavern", 1.0, "Board games tested by regulars."),
    ("NIM", "Nimbo", 1.1, "Strollers that float over cobbles."),
    ("WRE", "Wrenling", 0.95, "Calm things for small babies."),
    # Books and office
    ("LRK", "Larkspur Press", 1.0, "Fiction and picture books with good paper."),
    ("TIN", "Tin Lantern Books", 0.95, "Stories to read under the blanket."),
    ("HBL", "Harborlight House", 1.05, "Novels and cookbooks from the coast."),
    ("COP", "Copper Spoon Books", 1.0, "Cookbooks with stains in mind."),
    ("PAP", "Papermoor", 0.95, "Notebooks and paper goods."),
    ("INK", "Inkwell & Sons", 1.2, "Pens and notebooks, three generations on."),
    ("GRA", "Graphio", 0.9, "Drawing and writing for schools and studios."),
    ("ERG", "Ergovia", 1.1, "Chairs and desks that move with you."),
    # Garden, tools and pets
    ("GRE", "Greenstead", 0.95, "Plants and cans for balconies and beds."),
    ("THO", "Thornbury", 1.1, "Garden tools forged to be inherited."),
    ("EMB", "Emberline", 1.05, "Grills for long summers."),
    ("TRQ", "Torqon", 1.05, "Power tools on one battery."),
    ("HMR", "Hardmoor", 1.0, "Hand tools for working days."),
    ("FUR", "Furrow & Paw", 1.1, "Beds and collars for country dogs."),
    ("BAR", "Barkwell", 0.9, "Sensible things for happy dogs."),
    ("WHI", "Whiskerly", 0.95, "Furniture approved by cats."),
    # Food
    ("ALT", "Alta Sierra Roasters", 1.15, "Coffee roasted every Tuesday."),
    ("HBM", "Harbor Mill", 0.95, "Pantry goods from small producers."),
    ("LEA", "Leaf & Lantern", 1.05, "Tea from single gardens."),
    ("CAC", "Cacaolito", 1.1, "Chocolate from bean to bar."),
    ("BRA", "Bramble & Bee", 1.0, "Honey and jam from hedges and hives."),
)

BRANDS: tuple[DemoBrand, ...] = tuple(
    DemoBrand(code=code, name=name, price_level=level, description=description)
    for code, name, level, description in _ROWS
)
