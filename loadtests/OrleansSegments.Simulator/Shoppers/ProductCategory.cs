namespace OrleansSegments.Simulator.Shoppers;

internal enum ProductCategory
{
    Fashion = 0,
    Electronics = 1,
    Home = 2,
    Grocery = 3,
    Beauty = 4,
}
